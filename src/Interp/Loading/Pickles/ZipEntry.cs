namespace Interp;

/// <summary>One file inside a zip archive.</summary>
/// <param name="Header">Where its local header begins.</param>
/// <param name="Packed">Its length in the archive.</param>
/// <param name="Length">Its length when unpacked.</param>
/// <param name="Stored">Whether it stands in the archive as it is.</param>
internal sealed record ZipEntry(long Header, long Packed, long Length, bool Stored);
