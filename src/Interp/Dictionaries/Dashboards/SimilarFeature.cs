namespace Interp;

/// <summary>A feature whose direction is close.</summary>
/// <param name="Feature">Its number.</param>
/// <param name="Cosine">The cosine of both decoder directions.</param>
public sealed record SimilarFeature(int Feature, double Cosine);
