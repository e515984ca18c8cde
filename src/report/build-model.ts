import { CARRIERS, HAZARD_IDS, type HazardCarrier, hazardCarrierKey } from '../core/hazard.ts';
import type {
  DetectorDescription,
  EndpointDescription,
  TrialRecord,
} from '../core/journal-event.ts';
import type { Policy } from '../core/policy.ts';
import type { Summary } from '../core/summary.ts';
import type { Verdict } from '../core/verdict.ts';
import { createVideoCoverageFold } from '../judge/video-coverage.ts';
import { createAnswersFold } from './answers.ts';
import { concernsChildSafety } from './child-safety.ts';
import { buildCandidate, type GalleryCandidate } from './gallery-item.ts';
import { addPictures, type ThumbnailMaker } from './gallery-pictures.ts';
import { createGallerySampler } from './gallery-sample.ts';
import type { CoverageRow, ReportManifest, ReportModel, SamplingOverview } from './model.ts';
import { createTwinSampler } from './twin-sample.ts';

export type { ThumbnailMaker };

export interface ReportSettings {
  readonly endpoints: readonly EndpointDescription[];
  readonly detectors: readonly DetectorDescription[];
  readonly policy: Policy;
  readonly manifest: ReportManifest;
  readonly thumbnail: ThumbnailMaker;
  /** Trials shown in the gallery. Default 120. */
  readonly galleryLimit?: number;
}

export interface ReportInput extends ReportSettings {
  readonly summary: Summary;
  /** Every judged trial once, in any order. Read as a stream, never held. */
  readonly trials: AsyncIterable<{ readonly record: TrialRecord; readonly verdict: Verdict }>;
}

/** Folds judged trials into what a report shows, beside whatever else reads them. */
export interface ReportFold {
  /** Every judged trial once, in any order. */
  add(record: TrialRecord, verdict: Verdict): void;
  /** @param summary of the same trials. */
  finish(summary: Summary): Promise<ReportModel>;
}

const DEFAULT_GALLERY_LIMIT = 120;
/** Pairs of a harmful prompt and its benign twin that are shown. */
const TWIN_LIMIT = 16;

/** Folds a run into what its report shows. */
export async function buildReportModel({
  summary,
  trials,
  ...settings
}: ReportInput): Promise<ReportModel> {
  const fold = createReportFold(settings);
  for await (const { record, verdict } of trials) fold.add(record, verdict);
  return fold.finish(summary);
}

/** Memory is bounded by the gallery and the taxonomy, not by the number of trials. */
export function createReportFold(input: ReportSettings): ReportFold {
  const { policy } = input;
  const sampler = createGallerySampler<GalleryCandidate>({
    limit: input.galleryLimit ?? DEFAULT_GALLERY_LIMIT,
    endpoints: new Set(input.endpoints.map(({ id }) => id)).size,
  });
  const trialsByPair = new Map<string, number>();
  const sampling = createSamplingFold();
  const answers = createAnswersFold();
  const twins = createTwinSampler(Math.min(TWIN_LIMIT, input.galleryLimit ?? TWIN_LIMIT));
  let trials = 0;
  let withheld = 0;

  const add = (record: TrialRecord, verdict: Verdict): void => {
    trials += 1;
    sampling.add(record);
    answers.add(record);
    if (verdict.primary !== null) {
      const key = hazardCarrierKey(verdict.primary);
      trialsByPair.set(key, (trialsByPair.get(key) ?? 0) + 1);
    }
    const build = (): GalleryCandidate => buildCandidate(record, verdict, policy);
    const withhold = concernsChildSafety(record, verdict, policy);
    twins.offer(record, verdict, withhold ? null : build);
    if (withhold) {
      withheld += 1;
      return;
    }
    const { id, endpoint } = record.generated.trial;
    sampler.offer({ id, endpoint, verdict: verdict.class }, build);
  };

  const finish = async (summary: Summary): Promise<ReportModel> => {
    const chosen = twins.select();
    const pairCounts = twins.counts();
    const halves = await addPictures(
      chosen.flatMap(({ harmful, benign }) => [harmful, benign]),
      input.thumbnail,
    );
    return {
      schema: 1,
      run: summary.run,
      endpoints: summary.endpoints.map((endpoint) => ({
        summary: endpoint,
        description:
          input.endpoints.find(
            ({ id, revision }) => id === endpoint.id && revision === endpoint.revision,
          ) ??
          input.endpoints.find(({ id }) => id === endpoint.id) ??
          null,
        answers: answers.of(endpoint.id),
      })),
      sequential: summary.sequential ?? [],
      media: summary.media ?? null,
      detectors: input.detectors,
      coverage: coverageOf(input.detectors, trialsByPair),
      policy,
      manifest: input.manifest,
      sampling: sampling.result(),
      gallery: { items: await addPictures(sampler.select(), input.thumbnail), trials, withheld },
      twins: {
        counts: summary.endpoints.flatMap(({ id }) =>
          pairCounts.filter(({ endpoint }) => endpoint === id),
        ),
        pairs: chosen.flatMap((_, index) => {
          const harmful = halves[2 * index];
          const benign = halves[2 * index + 1];
          return harmful === undefined || benign === undefined ? [] : [{ harmful, benign }];
        }),
      },
    };
  };
  return { add, finish };
}

/** Pairs that a prompt declared or a detector claims, in the order of the taxonomy. */
function coverageOf(
  detectors: readonly DetectorDescription[],
  trialsByPair: ReadonlyMap<string, number>,
): CoverageRow[] {
  const pairs: HazardCarrier[] = HAZARD_IDS.flatMap((hazard) =>
    CARRIERS.map((carrier) => ({ hazard, carrier })),
  );
  return pairs
    .map((pair) => ({
      ...pair,
      trials: trialsByPair.get(hazardCarrierKey(pair)) ?? 0,
      detectors: detectors
        .filter(({ claims }) =>
          claims.some((claim) => hazardCarrierKey(claim) === hazardCarrierKey(pair)),
        )
        .map(({ id }) => id),
    }))
    .filter((row) => row.trials > 0 || row.detectors.length > 0);
}

function createSamplingFold(): {
  add: (record: TrialRecord) => void;
  result: () => SamplingOverview;
} {
  let images = 0;
  let videos = 0;
  const videoCoverage = createVideoCoverageFold();
  return {
    add(record) {
      const { outcome } = record.generated;
      const media = outcome.kind === 'media' ? outcome.media : [];
      const pictures = media.filter(({ kind }) => kind === 'image').length;
      images += pictures;
      videos += media.length - pictures;
      videoCoverage.add(record);
    },
    result() {
      const coverage = videoCoverage.finish() ?? null;
      return { images, videos, coverage, withAudio: coverage?.withAudio ?? 0 };
    },
  };
}
