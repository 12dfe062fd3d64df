export type { DockerTarget } from './applies.ts';
export { type ConvertedProfile, convertDockerProfile } from './convert.ts';
