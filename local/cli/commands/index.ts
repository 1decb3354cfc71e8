import type { Command } from '../command';
import { devCommand } from './dev';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [devCommand];
