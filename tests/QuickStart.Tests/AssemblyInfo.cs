// The tests start several processes and a browser, whose waits are for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
