// Playback: one bar for everything that follows a clock.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Clock } from '../app/clock';

interface Props {
  clock: Clock;
  speeds: readonly number[];
  text: (t: number) => string;
  marks?: readonly { t: number; colour: string; title: string }[];
  label: string;
}

export function Player({ clock, speeds, text, marks = [], label }: Props): JSX.Element {
  const slider = useRef<HTMLInputElement>(null);
  const shown = useRef<HTMLSpanElement>(null);
  const [playing, setPlaying] = useState(clock.playing);
  const [speed, setSpeed] = useState(clock.speed);
  const long = clock.end - clock.start || 1;
  useEffect(() => {
    const draw = (): void => {
      if (slider.current) {
        slider.current.value = String((clock.t - clock.start) / long);
        slider.current.setAttribute('aria-valuetext', text(clock.t));
      }
      if (shown.current) shown.current.textContent = text(clock.t);
      setPlaying(clock.playing);
      setSpeed(clock.speed);
    };
    draw();
    return clock.subscribe(draw);
  }, [clock, text]);
  return (
    <div class="player no-print" role="group" aria-label={label}>
      <button type="button" class="primary" onClick={() => clock.toggle()} title="space">{playing ? 'Pause' : 'Play'}</button>
      <div class="scrub">
        <input
          ref={slider} type="range" min="0" max="1" step="any" aria-label={`${label}: instant`}
          onInput={(e) => clock.set(clock.start + Number(e.currentTarget.value) * long)}
        />
        <div class="scrub-marks" aria-hidden="true">
          {marks.map((m, i) => <i key={i} title={m.title} style={{ left: `${((m.t - clock.start) / long) * 100}%`, background: `var(--${m.colour})` }} />)}
        </div>
      </div>
      <span class="time" ref={shown} />
      <label class="small">Speed <select value={String(speed)} onChange={(e) => clock.setSpeed(Number(e.currentTarget.value))}>
        {speeds.map((s) => <option key={s} value={String(s)}>{s} ×</option>)}
      </select></label>
    </div>
  );
}
