import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../types';
import type { Upstream } from './upstream';

const READY_WITHIN_MS = 30_000;
const POLL_MS = 50;

/** Runs DynamoDB Local as a child process. It keeps data in memory, in one database for all credentials and Regions. */
export class JarProcess {
  private output = '';
  private readonly killOnExit = () => void this.child.kill('SIGKILL');

  private constructor(
    private readonly child: ChildProcess,
    private readonly clock: Clock,
  ) {
    process.once('exit', this.killOnExit);
    child.on('error', (error) => {
      this.output += String(error);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output = `${this.output}${chunk}`.slice(-4000);
      });
    }
  }

  public static spawn(java: string, folder: string, port: number, clock: Clock): JarProcess {
    const args = [
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      '-jar',
      'DynamoDBLocal.jar',
      '-inMemory',
      '-sharedDb',
      '-disableTelemetry',
      '-port',
      String(port),
    ];
    return new JarProcess(spawn(java, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }), clock);
  }

  /**
   * Waits until DynamoDB Local answers.
   *
   * @throws Error with the process's output if the process ends or takes too long
   */
  public async ready(upstream: Upstream): Promise<void> {
    const deadline = this.clock.now() + READY_WITHIN_MS;
    while (!(await answers(upstream))) {
      if (this.child.exitCode !== null)
        throw new Error(`DynamoDB Local ended with code ${this.child.exitCode}: ${this.output}`);
      if (this.clock.now() > deadline)
        throw new Error(`DynamoDB Local did not answer within ${READY_WITHIN_MS} ms: ${this.output}`);
      await new Promise<void>((resolve) => this.clock.setTimeout(resolve, POLL_MS));
    }
  }

  public async stop(): Promise<void> {
    process.removeListener('exit', this.killOnExit);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL'); // the process has no data to save
    await ended;
  }
}

async function answers(upstream: Upstream): Promise<boolean> {
  try {
    return (await upstream.post('DynamoDB.ListTables', '{}')).status === 200;
  } catch {
    return false; // the process does not listen yet
  }
}

/**
 * Finds a free port. DynamoDB Local does not report a port that it has chosen itself, so it must be started with a port
 * that was free just before.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
