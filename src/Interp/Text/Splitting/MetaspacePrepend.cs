namespace Interp;

/// <summary>Where a mark is put in front of text that has none.</summary>
internal enum MetaspacePrepend
{
    Never,

    /// <summary>At the beginning of the whole text.</summary>
    First,

    /// <summary>Also after every added token.</summary>
    Always,
}
