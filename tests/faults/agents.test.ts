import { agentScenarios } from './scenarios/agents.ts';
import { surviveAll } from './survive.ts';

surviveAll(agentScenarios);
