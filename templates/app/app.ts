import { App } from 'aws-cdk-lib';
import { AppStack } from './stack';

new AppStack(new App(), 'StreamerApp');
