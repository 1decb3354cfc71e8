import { type CfnResource, Lazy } from 'aws-cdk-lib';
import { Code, type CodeConfig, type ResourceBindOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

type Location = NonNullable<CodeConfig['s3Location']>;

/** Code that is created when it is first needed: at the start of synthesis, when all handlers are known. */
export class DeferredCode extends Code {
  private scope?: Construct;
  private resource?: CfnResource;
  private options?: ResourceBindOptions;
  private location?: Location;

  public constructor(private readonly make: () => Code) {
    super();
  }

  public bind(scope: Construct): CodeConfig {
    this.scope = scope;
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => this.settle().bucketName }),
        objectKey: Lazy.string({ produce: () => this.settle().objectKey }),
      },
    };
  }

  public override bindToResource(resource: CfnResource, options?: ResourceBindOptions): void {
    this.resource = resource;
    this.options = options;
  }

  /** Creates the code once. */
  public settle(): Location {
    if (this.location) return this.location;
    const code = this.make();
    this.location = code.bind(this.scope as Construct).s3Location as Location;
    if (this.resource) code.bindToResource(this.resource, this.options);
    return this.location;
  }
}
