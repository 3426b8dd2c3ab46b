from benchmarks import training, vectors

vectors.main()
training.main()
