namespace NodeSample;

/// <summary>Reports an argument or a setting that makes no sense, in a sentence for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
