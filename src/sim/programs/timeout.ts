import { quote } from '../../core/command.ts';
import type { Program } from './program.ts';

/** timeout(1): `timeout SECONDS COMMAND…`. Whatever it runs here ends in time. */
export const timeout: Program = (call) => call.run(call.args.slice(1).map(quote).join(' '));
