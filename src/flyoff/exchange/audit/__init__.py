"""An attack on a redacted log: what was meant to be lost is looked for in every encoding.

``secrets`` collects what the original gives away, ``encodings`` says in which forms it may hide,
``search`` looks for them in the bytes of the result, ``inference`` asks physics for what no search
finds, and ``report`` holds the answers against the policy.
"""
