/** The figures that are measured in time, as DESIGN.md defines them. */
export const figures = {
  life: 'invocation → container created, run, destroyed',
  coldStart: "invocation → first instruction of the container's program",
} as const;

export type Figure = keyof typeof figures;

export const figureNames = Object.keys(figures) as Figure[];
