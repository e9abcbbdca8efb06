namespace Interp;

/// <summary>Cuts text into the pieces within which tokens are sought.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Adds the pieces of <paramref name="piece"/>, in order, none of them empty.</summary>
    public abstract void Split(Piece piece, List<Piece> pieces);
}
