import type { components, paths } from './schema';

// The API as the server describes itself (`npm run types`). A member that may be null there is absent here.
type Schemas = components['schemas'];

/** A path is bytes: a string where it is valid UTF-8, else its bytes. */
export type PathBytes = string | { base64: string };

/** RFC 3339 in UTC. */
export type Instant = string;

export interface Page<T> {
  items: T[];
  next?: string;
  total: number;
  counts?: FacetCount[];
}

type Below<Method extends 'get' | 'post'> = {
  [P in keyof paths]: P extends `/api/v1/${infer Rest}` ? (paths[P] extends Record<Method, object> ? Rest : never) : never;
}[keyof paths];

/** What can be read, below /api/v1: a page that asks for anything else does not compile. */
export type ReadPath = Below<'get'>;

/** What can be changed. */
export type ChangePath = Below<'post'>;

/** How many items one value of a facet would leave, under every filter but its own. */
export type FacetCount = Schemas['FacetCount'];

export type Fault = Schemas['Fault'];
export type ProblemDetails = Partial<Schemas['Problem']>;
export type Me = Schemas['Me'];
export type ObjectName = Schemas['ObjectName'];
export type MachineSummary = Schemas['MachineSummary'];
export type MachineMode = MachineSummary['mode'];
export type MachineDetails = Schemas['MachineDetails'];
export type Progress = Schemas['AgentProgress'];
export type Condition = Schemas['ConditionDetails'] & { object?: ObjectName };
export type Culprit = Schemas['Culprit'];
export type Drift = Schemas['DriftDetails'];
export type Invitation = Schemas['Invitation'];
export type ImageSummary = Schemas['ImageSummary'];
export type ImageDetails = Schemas['ImageDetails'];
export type ImageEntry = Schemas['ImageEntry'];
export type ImageDifference = Schemas['ImageDifference'];
export type Token = Schemas['TokenSummary'];
export type TokenAdded = Schemas['TokenAdded'];
export type Task = Schemas['TaskSummary'];
export type TaskState = Task['state'];
export type TaskDetails = Schemas['TaskDetails'];
export type TaskStep = Schemas['TaskStepDetails'];
export type TaskLine = Schemas['TaskLine'];
export type Plan = Schemas['Plan'];
export type PlanChange = Schemas['PlanChange'];
export type PlanEffect = Schemas['PlanEffect'];
export type PlanMember = Schemas['PlanMember'];

/** Something that happened, as it is listed. */
export type Happening = StreamEvent;

/** `kind` is noun and verb (`machine.changed`), `subject` the object's id. */
export interface StreamEvent {
  number: number;
  time: Instant;
  kind: string;
  subject: string;
  data: Record<string, unknown>;
}
