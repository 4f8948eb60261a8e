"""Work over ranks: processes here, Ray or Slurm through datatrove."""
