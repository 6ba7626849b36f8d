// Who looks, at which campaign, in which words: fetched once, known everywhere.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Schemas } from '../api/client';
import { type Query, link, route, useRoute } from './router';

export interface Session {
  who: Schemas['WhoAmI'];
  about: Schemas['About'];
  campaigns: Schemas['CampaignInList'][];
  trials: Schemas['TrialLine'][];
  words: Schemas['Words'];
}

export const SessionContext = createContext<Session>(null as unknown as Session);
export const useSession = (): Session => useContext(SessionContext);

/** The campaign that is looked at: of the address, else the first one; empty without any. */
export function useCampaign(): string {
  const { campaigns } = useSession();
  const { query } = useRoute();
  return query.get('campaign') ?? campaigns[0]?.id ?? '';
}

/** A link within the page that stays with the campaign of the address. */
export function to(path: readonly string[], query: Query = {}): string {
  return link(path, { campaign: route().query.get('campaign'), ...query });
}

export const sortieLink = (id: string, query: Query = {}): string => to(['sortie', id], query);

const RANK = { viewer: 0, analyst: 1, admin: 2 } as const;

/** Whether the role suffices; what it may really do is decided by the server alone. */
export function useMay(role: keyof typeof RANK): boolean {
  const { who } = useSession();
  return who.role !== null && RANK[who.role] >= RANK[role];
}
