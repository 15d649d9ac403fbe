// Most of what the tests take is waiting for processes.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
