export { checkProfile } from './check-profile';
export {
  FAULTS,
  type FaultAt,
  type FaultPlace,
  type FaultProfile,
  type FaultRule,
  type Outages,
  type Range,
} from './faults';
export { FaultPlan, type OnFault, type PlannedFault } from './plan';
export { PROFILES, profileOf } from './profiles';
