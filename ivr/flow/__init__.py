"""THE DESIGNERS' LANGUAGE: what a flow file may say (model), reading it (load), judging it (check).

Pure but for ``load``, which reads a folder. What a step does on a call is ``dialogue``'s business.
"""
