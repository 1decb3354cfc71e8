/** What users may do with the topics of a pattern; each tenant has its own topics of every name. */
export class StreamerTopic {
  /** Users may subscribe. Only the API's own programs publish: those that `grantPublish` was said for. */
  public static readOnly(): StreamerTopic {
    return new StreamerTopic(false);
  }

  /** Users may subscribe, and publish to all others who did. */
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
