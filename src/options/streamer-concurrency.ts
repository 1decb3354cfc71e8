import { concurrencyCap } from '../handlers/caps';

/**
 * Maximum number of concurrent attempts of an async action, for each tenant, user or value of the input. The limit of one tenant does not delay the
 * requests of another tenant.
 *
 * A request above the maximum has the status `WAITING`. When another request of the same tenant, user or input ends, the waiting request that was
 * accepted first starts.
 */
export class Concurrency {
  /**
   * Limits the attempts of each tenant.
   *
   * @param max maximum number of concurrent attempts, 1 to 100
   */
  public static perTenant(max: number): Concurrency {
    return new Concurrency('tenant', max);
  }

  /**
   * Limits the attempts of each user. Users of the same name in two tenants are two users.
   *
   * @param max maximum number of concurrent attempts, 1 to 100
   */
  public static perUser(max: number): Concurrency {
    return new Concurrency('user', max);
  }

  /**
   * Limits the attempts within a tenant that have the same value in one property of their inputs. For example, the property is the id of a data set
   * that only one attempt may write at a time.
   *
   * @param property name of a property of the input object, at most 64 characters. The limit does not apply to inputs without this property
   * @param max maximum number of concurrent attempts, 1 to 100
   */
  public static perInput(property: string, max: number): Concurrency {
    return new Concurrency('input', max, property);
  }

  /** @internal */
  public readonly _cap: ReturnType<typeof concurrencyCap>;

  private constructor(scope: 'tenant' | 'user' | 'input', max: number, property?: string) {
    this._cap = concurrencyCap(scope, max, property);
  }
}
