"""A telephone front desk: offline speech, answers from the company's data, warm hand-over to people."""
