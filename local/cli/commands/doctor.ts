import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import pc from 'picocolors';
import { UsageError } from '../arguments';
import { command, DONE, FAILED } from '../command';
import type { Finding } from '../doctor/check';
import { checkCopies } from '../doctor/check-copies';
import {
  checkApp,
  checkEsbuild,
  checkNode,
  checkPeers,
  checkPort,
  checkRuntimeNode,
  type Needs,
} from '../doctor/checks';
import { checkCredentials, checkJava } from '../doctor/optional-checks';
import { PACKAGE_ROOT } from '../package-version';
import { INTERRUPTED } from '../shutdown';

const PAINT = { ok: pc.green, warn: pc.yellow, fail: pc.red };

/** Reports what is missing on this machine or in this project. */
export const doctorCommand = command({
  name: 'doctor',
  summary: 'report what is missing on this machine or in this project',
  usage: [['doctor', 'checks the project in this folder']],
  options: {
    'no-synth': { type: 'boolean', help: 'skip the synthesis of the app, which takes some seconds' },
  },
  notes: 'Each line begins with ok, warn or fail, and names the remedy. Exit code 1 if something fails.',
  parse: ({ values, positionals }) => {
    if (positionals.length > 0) throw new UsageError(`expected options only, got: ${positionals.join(' ')}`);
    return { synth: !values['no-synth'] };
  },
  run: async ({ synth }, { cwd, write, shutdown }) => {
    const needs = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as Needs;
    const project = [
      checkNode(process.versions.node, needs),
      checkRuntimeNode(cwd),
      ...checkPeers(cwd, needs),
      ...checkCopies(cwd, needs),
      checkEsbuild(cwd),
      checkApp(cwd),
    ];
    const machine = [await checkPort(cwd), await checkJava(), checkCredentials(process.env)];
    const { signal } = shutdown();
    const app = synth && worthSynthesizing(project) ? await synthesized(cwd, signal) : [];
    if (signal.aborted) return INTERRUPTED;
    const findings = [...project, ...app, ...machine];
    for (const finding of findings) for (const line of linesOf(finding)) write(line);
    return findings.some(({ level }) => level === 'fail') ? FAILED : DONE;
  },
});

/**
 * Whether a synthesis could find more problems. If something is missing, a synthesis would only report the same
 * problem.
 */
function worthSynthesizing(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'fail');
}

async function synthesized(cwd: string, signal: AbortSignal): Promise<Finding[]> {
  const { checkHandlers } = await import('../doctor/check-handlers');
  return checkHandlers(cwd, signal);
}

function linesOf({ level, what, remedy }: Finding): string[] {
  const line = `${PAINT[level](level.padEnd(4))}  ${what}`;
  return remedy === undefined ? [line] : [line, pc.dim(`      ${remedy}`)];
}
