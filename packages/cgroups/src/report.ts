/** Takes one finding: a JSON path, and what is wrong there. */
export type Report = (path: string, message: string) => void;
