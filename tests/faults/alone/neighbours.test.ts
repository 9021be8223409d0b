import { neighbourScenarios } from '../scenarios/all.ts';
import { surviveAll } from '../survive.ts';

surviveAll(neighbourScenarios.filter(({ needsWholeMachine = false }) => needsWholeMachine));
