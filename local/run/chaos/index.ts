export { Chaos, type ChaosOptions } from './chaos';
