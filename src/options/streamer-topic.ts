/** Permissions of users on the topics of a pattern. Each tenant has a separate topic of every name. */
export class StreamerTopic {
  /** Users may subscribe. Only programs with `grantPublish` may publish. */
  public static readOnly(): StreamerTopic {
    return new StreamerTopic(false);
  }

  /** Users may subscribe, and may publish to all other subscribers. */
  public static publishable(): StreamerTopic {
    return new StreamerTopic(true);
  }

  /**
   * Whether users may publish.
   *
   * @internal
   */
  public readonly _publish: boolean;

  private constructor(publish: boolean) {
    this._publish = publish;
  }
}
