// What a person prefers, kept in this browser only.
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'auto' | 'light' | 'dark';
export type System = 'si' | 'aviation';
export interface Settings {
  theme: Theme;
  units: System;
}

const KEY = 'flyoff-settings';
const probes = new Map<string, HTMLElement>();
const colours = new Map<string, string>();
const listeners = new Set<(s: Settings) => void>();

function stored(): Settings {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>;
    return {
      theme: found.theme === 'light' || found.theme === 'dark' ? found.theme : 'auto',
      units: found.units === 'aviation' ? 'aviation' : 'si',
    };
  } catch {
    return { theme: 'auto', units: 'si' }; // storage forbidden or damaged: the page works without
  }
}

let settings = stored();

function apply(): void {
  colours.clear();
  const root = document.documentElement;
  if (settings.theme === 'auto') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', settings.theme);
}

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
/** Of what holds now, not of what was drawn last: keys come faster than drawing. */
export const nextTheme = (): void => set({ theme: NEXT[settings.theme] });
export const nextUnits = (): void => set({ units: settings.units === 'si' ? 'aviation' : 'si' });

export function set(changed: Partial<Settings>): void {
  settings = { ...settings, ...changed };
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // private browsing: the choice lasts as long as the page
  }
  apply();
  for (const listener of [...listeners]) listener(settings);
}

const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => {
  colours.clear();
  settings = { ...settings };
  for (const listener of [...listeners]) listener(settings);
});

export function useSettings(): Settings {
  const [shown, show] = useState(settings);
  useEffect(() => {
    listeners.add(show);
    return () => void listeners.delete(show);
  }, []);
  return shown;
}

/** A colour of the style sheet as canvas and map need it: computed, for the theme that is shown. */
export function colour(name: string): string {
  const known = colours.get(name);
  if (known) return known;
  let probe = probes.get(name);
  if (!probe) {
    probe = document.createElement('i');
    probe.hidden = true;
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    probes.set(name, probe);
  }
  const found = getComputedStyle(probe).color;
  colours.set(name, found);
  return found;
}

apply();
