import { Component, type ReactNode } from 'react';
import { Empty } from '../ui/Empty';

interface FailureProps {
  readonly children: ReactNode;
}

/** Shows the error of a view that fails to render. Without this component, the whole page would disappear. */
export class Failure extends Component<FailureProps, { readonly error?: Error }> {
  public override state: { readonly error?: Error } = {};

  public static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  public override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Empty title="This view failed">
        <p className="problem-text">{error.message}</p>
        <button type="button" className="button" onClick={() => this.setState({ error: undefined })}>
          Try again
        </button>
      </Empty>
    );
  }
}
