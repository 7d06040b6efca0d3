import type { Json } from '../core/json.ts';
import { field, text, texts } from './api-object.ts';

/** The CI job that a pod runs; what its pod does not tell is empty. */
export type CiJob = { readonly id: string; readonly name: string; readonly url: string };

/** How the executor has always named its pods: `runner-TOKEN-project-ID-concurrent-N` and a random end. */
const NAME = /^runner-.+-project-\d+-concurrent-\d+/;

/**
 * The job that a pod of the gitlab-runner Kubernetes executor runs; null for any other pod.
 *
 * Known by its annotations (gitlab-runner 13.9 and later), its label (16 and later) or, of older ones, by its name and the label `pod`, which repeats
 * the beginning of it. A runbook's own `pod_annotations` may replace the first. Source: docs.gitlab.com, runner/executors/kubernetes, "Default
 * annotations for job pods"; a listing of 16.6 for the names.
 */
export const ciJobOf = (pod: Json): CiJob | null => {
  const annotations = texts(field(pod, 'metadata', 'annotations'));
  const labels = texts(field(pod, 'metadata', 'labels'));
  const name = text(field(pod, 'metadata', 'name'));
  const { 'job.runner.gitlab.com/id': id, 'job.runner.gitlab.com/name': job = '', 'job.runner.gitlab.com/url': url = '' } = annotations;
  const byLabel = labels['job.runner.gitlab.com/pod'] !== undefined;
  const byName = NAME.test(name) && labels['pod'] !== undefined && name.startsWith(labels['pod']);
  return id !== undefined || byLabel || byName ? { id: id ?? '', name: job, url } : null;
};
