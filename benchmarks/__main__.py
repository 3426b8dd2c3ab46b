from benchmarks import vectors

vectors.main()
