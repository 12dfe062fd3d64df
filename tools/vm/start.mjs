/** `npm run test:vm`, on a checkout where nothing is installed. What `main.ts` does comes after. */
import { installPackages } from '../setup/install.mjs';

await installPackages();
const { register } = await import('tsx/esm/api');
register();
await import('./main.ts');
