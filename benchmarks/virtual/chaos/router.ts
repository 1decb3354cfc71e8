import { type Connection, connect, disconnect } from '../../../lambda-src/flows/connect/connection';
import type { Gateway } from '../../../lambda-src/flows/ports';
import type { Action } from '../../../lambda-src/flows/requests/route';
import { route } from '../../../lambda-src/flows/requests/route';
import type { FaultPlan } from '../../../local/emulator/chaos';
import type { GatewayServer, GatewaySocket } from '../../../test/client-sdks/typescript/support/virtual-gateway';
import type { VirtualWorld } from '../world';

/** Time until the gateway notices that a client has lost its connection without a close frame. */
const HALF_OPEN_MS = 45_000;
const LOST = 1006;
const SYNC_TIMEOUT_MS = 5_000;

/** A connection on the gateway's side. */
interface Served {
  readonly connection: Connection;
  readonly socket: GatewaySocket;
  /** Time before which posts answer 410. */
  openFrom: number;
  /** Range of time in which the client's buffer is full. */
  full?: { readonly from: number; readonly to: number };
  /** Whether the client has lost the connection, but the gateway has not noticed it. */
  isHalfOpen?: boolean;
}

/** The router behind a gateway. Connections, handshakes, posts and `$disconnect` suffer from the faults of the world's plan. */
export class FaultyRouter implements GatewayServer {
  private readonly bySocket = new Map<GatewaySocket, Served>();
  private readonly byId = new Map<string, Served>();
  private readonly gone = new Set<GatewaySocket>();
  private readonly users = new Map<GatewaySocket, string>();
  private readonly beganAt: number;
  private ids = 0;

  /**
   * @param world returns the world, which is created after the router
   * @param actions the actions of the API
   */
  public constructor(
    private readonly world: () => VirtualWorld,
    private readonly plan: FaultPlan,
    private readonly actions: ReadonlyMap<string, Action>,
    beganAt: number,
  ) {
    this.beganAt = beganAt;
  }

  /** Notes the user of a socket that is about to connect. */
  public identify(socket: GatewaySocket, user: string): void {
    this.users.set(socket, user);
  }

  public async open(socket: GatewaySocket): Promise<boolean> {
    const refused = this.plan.next('handshake');
    if (refused) this.plan.took(refused);
    if (refused || this.isDown()) return false;
    const { clock } = this.world();
    const user = this.users.get(socket) as string;
    const connection = { connectionId: `c${this.ids++}`, connectedAt: clock.now(), tenant: `tenant-${user}`, user };
    const served: Served = { connection, socket, openFrom: 0 };
    this.bySocket.set(socket, served);
    this.byId.set(connection.connectionId, served);
    const opened = await this.world()
      .invoke((deps) => connect(deps, connection).then(() => 'opened' as const))
      .catch(() => 'crashed' as const);
    if (opened === 'opened' && !this.gone.has(socket)) this.disturb(served);
    else this.forget(socket);
    return opened === 'opened';
  }

  public receive(socket: GatewaySocket, message: object): void {
    const served = this.bySocket.get(socket);
    if (served && !this.isDown()) void this.answer(served, JSON.stringify(message));
  }

  public forget(socket: GatewaySocket): void {
    this.gone.add(socket);
    const served = this.bySocket.get(socket);
    if (!served || served.isHalfOpen) return;
    this.bySocket.delete(socket);
    this.byId.delete(served.connection.connectionId);
    const lost = this.plan.next('disconnect');
    if (lost) this.plan.took(lost);
    else
      void this.world()
        .invoke((deps) => disconnect(deps, served.connection))
        .catch(() => undefined);
  }

  /** The `@connections` API. */
  public readonly post: Gateway['post'] = async (to, frame) => {
    const { clock } = this.world();
    await clock.sleep(3);
    const served = this.byId.get(to);
    if (!served || clock.now() < served.openFrom) return 'gone';
    if (this.isDown() || this.isFull(served)) return 'busy';
    const fault = this.plan.next('post');
    if (fault) this.plan.took(fault);
    if (fault?.fault === 'throttle') return 'busy';
    if (!fault && !served.isHalfOpen) served.socket.post(JSON.parse(frame));
    return 'sent';
  };

  private isDown(): boolean {
    return this.plan.isDown('execute-api', this.world().clock.now() - this.beganAt);
  }

  private isFull({ full }: Served): boolean {
    const now = this.world().clock.now();
    return full !== undefined && full.from <= now && now < full.to;
  }

  private async answer({ connection, socket }: Served, body: string): Promise<void> {
    const answered = this.world().invoke((deps) =>
      route({ ...deps, actions: this.actions, syncTimeoutMs: SYNC_TIMEOUT_MS }, connection, body),
    );
    const answer = await answered.catch(() => 'crashed' as const);
    const { connectionId } = connection;
    const failure = { message: 'Internal server error', connectionId, requestId: `q${this.ids++}` };
    socket.post(answer === 'crashed' ? failure : answer);
  }

  /** Lets an opened connection suffer from a fault. */
  private disturb(served: Served): void {
    const fault = this.plan.next('connection');
    if (!fault) return;
    const { clock } = this.world();
    const later = (run: () => void) =>
      clock.setTimeout(() => {
        if (!served.socket.isOpen) return;
        this.plan.took(fault);
        run();
      }, fault.ms);
    if (fault.fault === 'cut') later(() => served.socket.end(LOST));
    if (fault.fault === 'half-open') later(() => this.loseUnnoticed(served));
    if (fault.fault === 'late-open') {
      served.openFrom = clock.now() + fault.ms;
      this.plan.took(fault);
    }
    if (fault.fault === 'full-buffer') {
      const from = clock.now() + fault.random * 10_000;
      served.full = { from, to: from + fault.ms };
      this.plan.took(fault);
    }
  }

  private loseUnnoticed(served: Served): void {
    served.isHalfOpen = true;
    served.socket.end(LOST);
    this.world().clock.setTimeout(() => {
      served.isHalfOpen = false;
      this.forget(served.socket);
    }, HALF_OPEN_MS);
  }
}
