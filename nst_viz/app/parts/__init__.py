"""What pages are put together from: form, player frames, live pictures, cards, downloads, and the look of it all."""
