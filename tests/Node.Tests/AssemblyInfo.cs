// The tests start many processes, and settings in the environment are the whole process's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
