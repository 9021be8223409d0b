/** The workflows that the bundle registers. Read by the worker by path; nobody imports its values. */
export { checkAgents } from './check-agents.ts';
export { handleIncident } from './handle-incident.ts';
