import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import * as path from 'node:path';
import { isAlive, ownIdentity, type ProcessIdentity, parseIdentity } from '../emulator/state';

const PREFIX = 'cdk-streamer-';
/** File of a temporary folder with the identity of its process. */
const OWNER_FILE = 'owner.json';

/** Process that created a temporary folder. */
interface Owner extends ProcessIdentity {
  /** Machine and container. Other containers may share the folder for temporary files, but have other process ids. */
  readonly where: string;
}

/** The temporary folder of a run. It is removed when the run or the process ends. If the process is killed, the next run removes it. */
export class TempDir {
  public readonly root: string;

  private readonly onExit = () => this.remove();

  /**
   * @param parent folder in which the temporary folder is created. By default it is the system's folder for temporary
   * files.
   */
  public constructor(parent = tmpdir()) {
    removeLeftFolders(parent);
    this.root = mkdtempSync(path.join(parent, PREFIX));
    process.once('exit', this.onExit);
    writeFileSync(
      path.join(this.root, OWNER_FILE),
      JSON.stringify({ ...ownIdentity(), where: here() } satisfies Owner),
    );
  }

  /** Returns the path of a folder in the temporary folder. The folder is created if it does not exist. */
  public folder(name: string): string {
    const folder = path.join(this.root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  public remove(): void {
    process.removeListener('exit', this.onExit);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes the temporary folders of processes that were killed. A folder whose process is unknown stays. */
function removeLeftFolders(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    try {
      removeIfLeft(path.join(parent, name));
    } catch {
      // another process removes the folder at the same time, or this process may not remove it
    }
  }
}

function removeIfLeft(folder: string): void {
  const { uid } = lstatSync(folder);
  if (process.getuid && uid !== process.getuid()) return;
  const owner = parseIdentity<Owner>(readFileSync(path.join(folder, OWNER_FILE), 'utf8'));
  if (owner?.where === here() && !isAlive(owner)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Returns the name of the machine and, on Linux, the namespace of its process ids. */
function here(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
