export { type VirtualTime, virtualClock, virtualTime } from '../../src/sim/virtual-time.ts';
