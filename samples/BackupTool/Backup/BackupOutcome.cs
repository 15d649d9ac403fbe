using BackupTool.Repository;

namespace BackupTool.Backup;

/// <summary>Tells what a backup has made.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="ResumedBytes">How many bytes of packs were taken over from backups that had been broken off.</param>
internal sealed record BackupOutcome(Snapshot Snapshot, long ResumedBytes);
