namespace Interp;

/// <summary>One piece of a SentencePiece model; its id is its place.</summary>
internal readonly record struct SentencePiece(string Text, float Score, SentencePieceKind Kind);
