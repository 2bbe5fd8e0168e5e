"""FOUNDER TO EVALUATE-PAGE HELPER: I overwrote your version of this file by mistake at 07:00. Please write yours again (mine: /tmp/mine/, take what you like)."""
