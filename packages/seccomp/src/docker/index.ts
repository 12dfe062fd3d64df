export { convertDockerProfile, type DockerTarget } from './convert.ts';
