"""Letters on paper: what stands where on the sheet, and the PDF of one letter or of a hundred."""
