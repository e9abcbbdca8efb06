namespace Interp;

/// <summary>The kinds of pieces, as sentencepiece_model.proto numbers them.</summary>
internal enum SentencePieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
