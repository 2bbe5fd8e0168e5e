"""Documents for people: offline HTML pages and the charts in them, made of text alone."""
