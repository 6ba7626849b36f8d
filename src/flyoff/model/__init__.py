"""What was flown: catalogue, channel, event, recording, sortie, finding, span, frames. No I/O."""
