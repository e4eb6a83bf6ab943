"""Towns for the areas of the made-up railway, large enough for a company of 300,000."""

TOWNS = tuple(
    """
    Grenoble; Valence; Chambéry; Annecy; Lyon; Saint-Étienne; Clermont-Ferrand; Bourg-en-Bresse; Dijon;
    Besançon; Belfort; Mâcon; Strasbourg; Mulhouse; Colmar; Metz; Nancy; Épinal; Reims; Troyes; Lille;
    Arras; Amiens; Valenciennes; Rouen; Le Havre; Caen; Cherbourg; Rennes; Brest; Quimper; Lorient;
    Nantes; Angers; Le Mans; Laval; Tours; Orléans; Blois; Bourges; Poitiers; La Rochelle; Niort;
    Angoulême; Limoges; Brive; Périgueux; Bordeaux; Agen; Pau; Bayonne; Tarbes; Toulouse; Montauban;
    Albi; Rodez; Carcassonne; Narbonne; Perpignan; Béziers; Montpellier; Nîmes; Avignon; Arles;
    Marseille; Aix-en-Provence; Toulon; Cannes; Nice; Gap; Digne; Briançon; Vienne; Roanne; Vichy;
    Moulins; Nevers; Auxerre; Sens; Chaumont; Vesoul; Dole; Beaune; Autun; Montluçon; Aurillac; Mende;
    Millau; Cahors; Castres; Foix; Dax; Arcachon; Libourne; Bergerac; Cognac; Saintes; Royan; Cholet;
    Saumur; Vitré; Fougères; Saint-Malo; Dinan; Vannes; Saint-Brieuc; Guingamp; Morlaix; Alençon;
    Argentan; Lisieux; Évreux; Dieppe; Beauvais; Compiègne; Soissons; Laon; Saint-Quentin; Cambrai;
    Douai; Lens; Béthune; Calais; Dunkerque; Boulogne; Abbeville; Charleville; Sedan; Verdun;
    Bar-le-Duc; Toul; Forbach; Sarrebourg; Saverne; Haguenau; Sélestat; Lunéville; Remiremont;
    Montbéliard; Pontarlier; Annemasse; Thonon; Cluses; Albertville; Aix-les-Bains; Voiron; Romans;
    Montélimar; Orange; Cavaillon; Salon; Fréjus; Menton; Sète; Lunel; Alès
    """.replace("\n    ", " ")
    .strip()
    .split("; ")
)
QUARTERS = (("North", "Nord"), ("South", "Sud"), ("East", "Est"), ("West", "Ouest"), ("Centre", "Centre"))
