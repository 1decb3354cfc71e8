import type { Command } from '../command';
import { attachCommand } from './attach';
import { devCommand } from './dev';
import { requestCommand } from './request';
import { tokenCommand } from './token';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [devCommand, requestCommand, attachCommand, tokenCommand];
