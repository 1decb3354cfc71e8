import type { Command } from '../command';
import { attachCommand } from './attach';
import { cancelCommand } from './cancel';
import { devCommand } from './dev';
import { doctorCommand } from './doctor';
import { envCommand } from './env';
import { initCommand } from './init';
import { requestCommand } from './request';
import { requestsCommand } from './requests';
import { schedulesCommand } from './schedules';
import { tokenCommand } from './token';
import { typesCommand } from './types';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  initCommand,
  devCommand,
  requestCommand,
  attachCommand,
  cancelCommand,
  requestsCommand,
  schedulesCommand,
  typesCommand,
  tokenCommand,
  envCommand,
  doctorCommand,
];
