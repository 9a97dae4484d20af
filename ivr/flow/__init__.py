"""THE DESIGNERS' LANGUAGE: what a flow file may say (model), reading it (load), judging it (check), its words (template)."""
